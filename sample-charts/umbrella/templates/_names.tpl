{{/* Where the parts of the shop find each other. */}}
{{- define "storefront.databaseHost" -}}
{{ .Release.Name }}-postgresql.{{ .Release.Namespace }}.svc
{{- end -}}
{{- define "storefront.ssoHost" -}}
{{ printf "%s-keycloak" .Release.Name }}
{{- end -}}
