{{- define "procview.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* 40 characters leave room for suffixes, also for those of pods. */}}
{{- define "procview.fullname" -}}
{{- $name := include "procview.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "procview.agent" -}}{{ include "procview.fullname" . }}-agent{{- end -}}
{{- define "procview.webhook" -}}{{ include "procview.fullname" . }}-webhook{{- end -}}

{{/* What selectors match: never changed, since they cannot be changed in place. Called with (list . COMPONENT). */}}
{{- define "procview.selector" -}}
{{- $ := index . 0 -}}
app.kubernetes.io/name: {{ include "procview.name" $ }}
app.kubernetes.io/instance: {{ $.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "procview.labels" -}}
{{- $ := index . 0 -}}
{{ include "procview.selector" . }}
app.kubernetes.io/version: {{ $.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $.Chart.Name $.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with $.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels of pods. Those of ours say no for themselves: no selector ever sends them to the webhook. */}}
{{- define "procview.podLabels" -}}
{{- $ := index . 0 -}}
{{ include "procview.labels" . }}
{{- range $.Values.injection.labels }}
{{ .key }}: {{ .disabled | quote }}
{{- end }}
{{- end -}}

{{- define "procview.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ printf "%s@%s" .repository .digest }}
{{- else -}}
{{ printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Whether something is wanted that is "auto", "always" or "never". Called with (list SETTING DETECTED); "true" or "". */}}
{{- define "procview.wanted" -}}
{{- if or (eq (index . 0) "always") (and (eq (index . 0) "auto") (index . 1)) -}}true{{- end -}}
{{- end -}}

{{/* The Secret with the webhook's certificate, made here, by cert-manager or by somebody else. */}}
{{- define "procview.tlsSecret" -}}
{{- if eq .Values.webhook.certificates.mode "secret" -}}
{{ required "webhook.certificates.mode is \"secret\": set webhook.certificates.secretName" .Values.webhook.certificates.secretName }}
{{- else -}}
{{ include "procview.webhook" . }}-tls
{{- end -}}
{{- end -}}

{{/* Who is injected, with what: the same flags for the webhook and for agents that watch pods. */}}
{{- define "procview.policyArgs" -}}
{{- range .Values.injection.labels }}
- --label={{ .key }}={{ .enabled }}:{{ .disabled }}
{{- end }}
{{- range .Values.injection.excludedNamespaces }}
- --exclude-namespace={{ . }}
{{- end }}
{{- range .Values.injection.sandboxes }}
- --sandbox={{ . }}
{{- end }}
{{- range $trait, $treatment := .Values.injection.treatments }}
- --treat={{ $trait }}={{ $treatment }}
{{- end }}
- --pod-security-default={{ .Values.injection.podSecurityDefault }}
{{- with .Values.injection.attachFiles }}
- --attach-files={{ join "," . }}
{{- end }}
{{- end -}}
