#!/bin/sh
# Sets up a laptop.
set -eu
helm repo add bitnami https://charts.bitnami.com/bitnami

helm upgrade --install laptop-cache oci://dhi.io/redis-chart \
  --version 23.0.7 \
  --namespace shop \
  --set architecture=standalone,auth.password="$PASSWORD" \
  --set nameOverride=redis

helm upgrade --install laptop-dns oci://dhi.io/external-dns-chart --version=1.21.1 \
  --set provider.name=inmemory \
  --set resources.requests.cpu=100m \
  --set resources.requests.memory=128Mi \
  --set resources.requests.ephemeral-storage=50Mi \
  --set resources.limits.cpu=150m \
  --set resources.limits.memory=192Mi \
  --set resources.limits.ephemeral-storage=2Gi \
  --set nameOverride=external-dns

helm install scratch bitnami/redis --version "$VERSION"
