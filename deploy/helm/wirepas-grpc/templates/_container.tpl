{{/* SPDX-License-Identifier: Apache-2.0 */}}

{{/* The container of the service: the one place where it is written. In the mode sidecar it is a
     native sidecar, for initContainers: it starts before the pod's containers, and they start once its
     startup probe has succeeded; it ends after them, so that a Job gets done. */}}
{{- define "wirepas-grpc.container" -}}
{{- $sidecar := eq .Values.mode "sidecar" -}}
name: wirepas-grpcd
image: {{ include "wirepas-grpc.image" . | toYaml }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- if $sidecar }}
restartPolicy: Always
{{- end }}
args:
  - --config
  - /etc/wirepas-grpc/wirepas-grpcd.conf
  {{- with .Values.extraArgs }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- include "wirepas-grpc.ports" . }}
{{- include "wirepas-grpc.probes" . }}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  {{- toYaml .Values.securityContext | nindent 2 }}
volumeMounts:
  - name: wirepas-grpc-config
    mountPath: /etc/wirepas-grpc
    readOnly: true
  {{- if include "wirepas-grpc.hasSocket" . }}
  - name: wirepas-grpc-socket
    mountPath: /run/wirepas-grpcd
  {{- end }}
  {{- if or (and $sidecar .Values.sidecar.state) (and (not $sidecar) .Values.persistence.enabled) }}
  - name: {{ include "wirepas-grpc.stateVolume" . }}
    mountPath: /var/lib/wirepas-grpcd
  {{- end }}
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "wirepas-grpc.stateVolume" -}}
{{- ternary "wirepas-grpc-state" "state" (eq .Values.mode "sidecar") -}}
{{- end -}}

{{/* A sidecar has none: what listens at localhost is no port of the pod. */}}
{{- define "wirepas-grpc.ports" -}}
{{- $grpc := include "wirepas-grpc.port" . -}}
{{- $metrics := include "wirepas-grpc.metricsPort" . -}}
{{- if or (ne .Values.mode "sidecar") $metrics }}
ports:
  {{- if ne .Values.mode "sidecar" }}
  - name: grpc
    containerPort: {{ $grpc }}
    protocol: TCP
  {{- end }}
  {{- with $metrics }}
  - name: {{ ternary "wirepas-metrics" "metrics" (eq $.Values.mode "sidecar") }}
    containerPort: {{ . }}
    protocol: TCP
  {{- end }}
{{- end }}
{{- end -}}

{{/* What asks whether the process works, whatever the broker does. kubelet's own gRPC probes go to
     the pod's address and know no TLS; a sidecar listens at localhost only, so there the program asks
     itself. */}}
{{- define "wirepas-grpc.alive" -}}
{{- if ne .Values.mode "sidecar" -}}
httpGet:
  path: /livez
  port: metrics
{{- else -}}
{{- $seconds := max 1 (sub (int .Values.probes.timeoutSeconds) 1) -}}
exec:
  command:
    - /usr/bin/wirepas-grpcd
    - health
    - --live
    - --timeout={{ $seconds }}s
    - {{ index (include "wirepas-grpc.listen" . | fromJsonArray) 0 | toYaml }}
{{- end -}}
{{- end -}}

{{- define "wirepas-grpc.probes" -}}
{{- $probes := .Values.probes }}
startupProbe:
  {{- include "wirepas-grpc.alive" . | nindent 2 }}
  periodSeconds: 2
  timeoutSeconds: {{ $probes.timeoutSeconds }}
  failureThreshold: {{ max 1 (div (int $probes.startupSeconds) 2) }}
livenessProbe:
  {{- include "wirepas-grpc.alive" . | nindent 2 }}
  periodSeconds: {{ $probes.periodSeconds }}
  timeoutSeconds: {{ $probes.timeoutSeconds }}
  failureThreshold: {{ $probes.failureThreshold }}
{{- if ne .Values.mode "sidecar" }}
readinessProbe:
  {{- if eq $probes.readiness "broker" }}
  httpGet:
    path: /readyz
    port: metrics
  {{- else }}
  {{- include "wirepas-grpc.alive" . | nindent 2 }}
  {{- end }}
  periodSeconds: {{ $probes.periodSeconds }}
  timeoutSeconds: {{ $probes.timeoutSeconds }}
{{- end }}
{{- end -}}

{{/* Configuration and secrets, as one folder: /etc/wirepas-grpc. Readable for the service's user
     whatever group the pod's files have; only the service's container has them. */}}
{{- define "wirepas-grpc.configVolume" -}}
name: wirepas-grpc-config
projected:
  defaultMode: 0444
  sources:
    - configMap:
        name: {{ include "wirepas-grpc.fullname" . | toYaml }}
    {{- with .Values.broker.password }}
    {{- if .existingSecret }}
    - secret:
        name: {{ .existingSecret | toYaml }}
        {{- if .optional }}
        optional: true
        {{- end }}
        items: [{key: {{ .key | toYaml }}, path: secrets/broker-password/password}]
    {{- end }}
    {{- end }}
    {{- with .Values.broker.ca }}
    {{- if .existingSecret }}
    - secret:
        name: {{ .existingSecret | toYaml }}
        items: [{key: {{ .key | toYaml }}, path: secrets/broker-ca/ca.crt}]
    {{- end }}
    {{- end }}
    {{- with .Values.broker.clientCertificate.existingSecret }}
    - secret:
        name: {{ . | toYaml }}
        items:
          - {key: tls.crt, path: secrets/broker-client/tls.crt}
          - {key: tls.key, path: secrets/broker-client/tls.key}
    {{- end }}
    {{- with .Values.tls.server.existingSecret }}
    - secret:
        name: {{ . | toYaml }}
        items:
          - {key: tls.crt, path: secrets/server/tls.crt}
          - {key: tls.key, path: secrets/server/tls.key}
    {{- end }}
    {{- with .Values.tls.clientCa }}
    {{- if .existingSecret }}
    - secret:
        name: {{ .existingSecret | toYaml }}
        items: [{key: {{ .key | toYaml }}, path: secrets/client-ca/ca.crt}]
    {{- end }}
    {{- end }}
{{- end -}}

{{/* The folder for Unix sockets. A container that mounts it reaches them. */}}
{{- define "wirepas-grpc.socketVolume" -}}
name: wirepas-grpc-socket
emptyDir:
  sizeLimit: 1Mi
{{- end -}}

{{/* For other charts: the sidecar, an item of initContainers. Give it the context of this chart as a
     dependency, whose mode is sidecar. */}}
{{- define "wirepas-grpc.sidecar" -}}
- {{ include "wirepas-grpc.container" . | nindent 2 | trim }}
{{- end -}}

{{/* With it, items of volumes. */}}
{{- define "wirepas-grpc.sidecarVolumes" -}}
- {{ include "wirepas-grpc.configVolume" . | nindent 2 | trim }}
- {{ include "wirepas-grpc.socketVolume" . | nindent 2 | trim }}
{{- if .Values.sidecar.state }}
- name: wirepas-grpc-state
  emptyDir:
    sizeLimit: {{ .Values.persistence.size | toYaml }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* With it, an annotation of the pods: they are rolled when the configuration changes. */}}
{{- define "wirepas-grpc.checksum" -}}
wirepas-grpc.io/config-checksum: {{ include "wirepas-grpc.conf" . | sha256sum | toYaml }}
{{- end -}}
