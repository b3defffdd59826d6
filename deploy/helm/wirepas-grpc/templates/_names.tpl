{{/* SPDX-License-Identifier: Apache-2.0 */}}

{{/* Texts of the values are written by toYaml throughout, which puts quotes around those that YAML
     takes for something else, as 123 or "on". */}}

{{- define "wirepas-grpc.fullname" -}}
{{- $release := .Release.Name | replace "." "-" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if not (regexMatch "^[a-z]" $release) -}}
{{- /* The name of a Service begins with a letter. */ -}}
{{- printf "wirepas-grpc-%s" ($release | trunc 39 | trimSuffix "-") -}}
{{- else if contains "wirepas-grpc" $release -}}
{{- $release | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-wirepas-grpc" ($release | trunc 39 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{/* Of all objects of one release, and of no others. */}}
{{- define "wirepas-grpc.selectorLabels" -}}
app.kubernetes.io/name: wirepas-grpc
app.kubernetes.io/instance: {{ .Release.Name | toYaml }}
{{- end -}}

{{/* All labels of an object: dict "root" and, as wanted, "labels". Each name once: those by which pods
     are selected stay, then the object's own count, then those of all objects. */}}
{{- define "wirepas-grpc.labels" -}}
{{- $selector := include "wirepas-grpc.selectorLabels" .root | fromYaml -}}
{{- $chart := dict "app.kubernetes.io/version" .root.Chart.AppVersion
      "app.kubernetes.io/part-of" "wirepas-grpc"
      "app.kubernetes.io/managed-by" .root.Release.Service
      "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_") -}}
{{- toYaml (merge (dict) $selector (.labels | default dict) .root.Values.commonLabels $chart) -}}
{{- end -}}

{{/* The head of an object: dict "root" and, as wanted, "name", "suffix", "labels", "annotations". */}}
{{- define "wirepas-grpc.metadata" -}}
{{- $name := .name | default (include "wirepas-grpc.fullname" .root) -}}
name: {{ printf "%s%s" $name (.suffix | default "") | toYaml }}
labels:
  {{- include "wirepas-grpc.labels" . | nindent 2 }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "wirepas-grpc.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "wirepas-grpc.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "wirepas-grpc.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
