resource "helm_release" "a" {
  name       = "a"
  repository = "https://charts.bitnami.com/bitnami"
  chart      = "redis"
  chart      = "redis"
  version    = "21.2.19"
}
