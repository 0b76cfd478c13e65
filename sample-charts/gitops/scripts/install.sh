#!/bin/sh
# Sets up a laptop.
set -eu
helm repo add bitnami https://charts.bitnami.com/bitnami

helm upgrade --install laptop-cache bitnami/redis \
  --version 21.2.19 \
  --namespace shop \
  --set architecture=standalone,auth.password="$PASSWORD"

helm upgrade --install laptop-dns oci://registry-1.docker.io/bitnamicharts/external-dns --version=9.0.3 \
  --set provider=inmemory

helm install scratch bitnami/redis --version "$VERSION"
