resource "helm_release" "cache" {
  name       = "cache"
  repository = "https://charts.bitnami.com/bitnami"
  chart      = "redis"
  version    = var.redis_version
}

resource "helm_release" "values" {
  name       = "values"
  repository = "https://charts.bitnami.com/bitnami"
  chart      = "redis"
  version    = "21.2.19"
  values     = [yamlencode(local.values)]
}
