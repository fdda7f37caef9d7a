{{/* Kubernetes 1.21 and later label namespaces with their names; on 1.20 the webhook itself leaves these alone. */}}
{{- define "procview.namespacesLeftAlone" -}}
- key: kubernetes.io/metadata.name
  operator: NotIn
  values:
    {{- append .Values.injection.excludedNamespaces .Release.Namespace | uniq | toYaml | nindent 4 }}
{{- end -}}

{{/* What all entries have in common. */}}
{{- define "procview.webhookEntry" -}}
{{- $webhook := .Values.webhook -}}
rules:
  - operations: [CREATE]
    apiGroups: [""]
    apiVersions: [v1]
    resources: [pods]
    scope: Namespaced
matchPolicy: Equivalent
{{- if semverCompare ">=1.28-0" .Capabilities.KubeVersion.Version }}
matchConditions:
  # The kubelet would not see a change of a static pod's mirror.
  - name: not-a-mirror
    expression: "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)"
  {{- with $webhook.matchConditions }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
failurePolicy: {{ $webhook.failurePolicy }}
timeoutSeconds: {{ $webhook.timeoutSeconds }}
# Containers that other webhooks add later get the files too; what is there already is not added again.
reinvocationPolicy: {{ $webhook.reinvocationPolicy }}
# Events, but none for a dry run.
sideEffects: NoneOnDryRun
admissionReviewVersions: [v1]
clientConfig:
  service:
    name: {{ include "procview.webhook" . }}
    namespace: {{ .Release.Namespace }}
    path: /mutate
    port: 443
  {{- if eq $webhook.certificates.mode "secret" }}
  caBundle: {{ required "webhook.certificates.mode is \"secret\": set webhook.certificates.caBundle to the PEM of who signed it" $webhook.certificates.caBundle | b64enc }}
  {{- end }}
{{- end -}}
