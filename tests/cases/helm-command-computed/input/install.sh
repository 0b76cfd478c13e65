#!/bin/sh
helm upgrade --install cache bitnami/redis --version "$VERSION"
helm upgrade --install cache "$CHART" --version 21.2.19
helm upgrade --install cache bitnami/redis --version 21.2.19 -f "$DIR/values-$ENV.yaml"
helm upgrade --install own ./charts/own
echo helm install cache bitnami/redis
