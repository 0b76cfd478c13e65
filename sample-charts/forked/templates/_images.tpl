{{/* The reference of one image: registry/repository, then a digest or a tag. */}}
{{- define "sessions.image" -}}
{{- $registry := default .image.registry .global.imageRegistry -}}
{{- if .image.digest -}}
{{ printf "%s/%s@%s" $registry .image.repository .image.digest }}
{{- else -}}
{{ printf "%s/%s:%s" $registry .image.repository (toString .image.tag) }}
{{- end -}}
{{- end -}}

{{/* Refuse an image that is not the vendor's, as Bitnami's own charts do. */}}
{{- define "sessions.guard" -}}
{{- range $image := list .Values.image .Values.volumePermissions.image .Values.metrics.image }}
{{- if not (hasPrefix "bitnami/" $image.repository) }}
{{- if not $.Values.global.security.allowInsecureImages }}
{{- fail (printf "image %s is not from the vendor: set global.security.allowInsecureImages" $image.repository) }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
