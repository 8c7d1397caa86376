{{- /* Of a role, (list $ "fanout"), or of the whole site, (list $). What is chosen by these never changes. */}}
{{- define "flashwire.selector" -}}
app.kubernetes.io/name: flashwire
app.kubernetes.io/instance: {{ (first .).Release.Name }}
{{- if gt (len .) 1 }}
app.kubernetes.io/component: {{ last . }}
{{- end }}
{{- end }}

{{- define "flashwire.labels" -}}
{{ include "flashwire.selector" . }}
app.kubernetes.io/managed-by: {{ (first .).Release.Service }}
helm.sh/chart: flashwire-{{ (first .).Chart.Version }}
{{- end }}

{{- define "flashwire.host" -}}
{{ (urlParse .Values.publicUrl).hostname }}
{{- end }}
