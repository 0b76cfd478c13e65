locals {
  charts = "https://charts.bitnami.com/bitnami"
}

resource "helm_release" "cache" {
  name       = "cache"
  namespace  = "shop"
  repository = "oci://dhi.io"
  chart      = "redis-chart"
  version    = "23.0.7"

  values = [
    <<-EOT
      architecture: standalone   # one is enough
      auth:
        existingSecret: ${var.cache_secret}
      nameOverride: redis
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
  repository = "oci://dhi.io"
  chart      = "metrics-server-chart"
  version    = "3.14.0"

  values = [
    <<-EOT
    apiService:
      create: false
    priorityClassName: ""
    containerPort: 8443
    updateStrategy:
      type: RollingUpdate
    affinity:
      podAntiAffinity:
        preferredDuringSchedulingIgnoredDuringExecution:
          - weight: 1
            podAffinityTerm:
              topologyKey: kubernetes.io/hostname
              labelSelector:
                matchLabels:
                  app.kubernetes.io/name: metrics-server
                  app.kubernetes.io/instance: metrics-server
    resources:
      requests:
        cpu: 100m
        memory: 128Mi
        ephemeral-storage: 50Mi
      limits:
        cpu: 150m
        memory: 192Mi
        ephemeral-storage: 2Gi
    podSecurityContext:
      fsGroupChangePolicy: Always
    securityContext:
      runAsNonRoot: true
      privileged: false
      readOnlyRootFilesystem: true
      allowPrivilegeEscalation: false
      capabilities:
        drop:
          - ALL
      seccompProfile:
        type: RuntimeDefault
    livenessProbe:
      httpGet:
        path: /livez
        port: https
        scheme: HTTPS
      initialDelaySeconds: 0
      periodSeconds: 10
      timeoutSeconds: 1
      failureThreshold: 3
      successThreshold: 1
    readinessProbe:
      httpGet:
        path: /readyz
        port: https
        scheme: HTTPS
      initialDelaySeconds: 0
      periodSeconds: 10
      timeoutSeconds: 1
      failureThreshold: 3
      successThreshold: 1
    podDisruptionBudget:
      enabled: true
      maxUnavailable: 1
    defaultArgs:
      - --cert-dir=/tmp
    nameOverride: metrics-server
    EOT
  ]
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
