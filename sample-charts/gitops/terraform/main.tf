locals {
  charts = "https://charts.bitnami.com/bitnami"
}

resource "helm_release" "cache" {
  name       = "cache"
  namespace  = "shop"
  repository = local.charts
  chart      = "redis"
  version    = "21.2.19"

  values = [
    <<-EOT
      architecture: standalone   # one is enough
      auth:
        existingSecret: ${var.cache_secret}
    EOT
    ,
    templatefile("${path.module}/cache.yaml", { size = var.size }),
  ]

  set {
    name  = "master.persistence.enabled"
    value = "true"
  }
}

resource "helm_release" "dns" {
  name    = "dns"
  chart   = "oci://registry-1.docker.io/bitnamicharts/external-dns"
  version = "9.0.3"

  set = [
    { name = "provider", value = "aws" },
    { name = "txtOwnerId", value = var.owner },
  ]
}

resource "helm_release" "metrics" {
  name       = "metrics-server"
  namespace  = "kube-system"
  repository = "oci://registry-1.docker.io/bitnamicharts"
  chart      = "metrics-server"
  version    = "7.4.12"
}

resource "helm_release" "computed" {
  name       = "computed"
  repository = "https://charts.bitnami.com/bitnami"
  chart      = "redis"
  version    = var.redis_version
  values     = [yamlencode(var.redis_values)]
}

resource "helm_release" "own" {
  name  = "own"
  chart = "${path.module}/../platform"
}
