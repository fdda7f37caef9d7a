{{/* Metadata of what is there during `helm uninstall` alone. Called with (list . WEIGHT). */}}
{{- define "procview.uninstallMetadata" -}}
{{- $ := index . 0 -}}
name: {{ include "procview.fullname" $ }}-uninstall
namespace: {{ $.Release.Namespace }}
labels:
  {{- include "procview.labels" (list $ "uninstall") | nindent 2 }}
annotations:
  helm.sh/hook: pre-delete
  helm.sh/hook-weight: {{ index . 1 | quote }}
  # One that failed stays until the next try, for its log.
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}
