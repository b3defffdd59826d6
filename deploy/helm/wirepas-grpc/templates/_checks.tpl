{{/* SPDX-License-Identifier: Apache-2.0 */}}

{{/* Refuses values that the schema takes and that make a pod which cannot work, or that the mode would
     pass over without a word: dict "root" and "options", all of the service. */}}
{{- define "wirepas-grpc.checks" -}}
{{- $values := .root.Values -}}
{{- if eq $values.mode "sidecar" -}}
  {{- if or $values.tls.server.existingSecret .options.tls_cert -}}
    {{- fail "tls.server and options.tls_cert are for the mode service: a sidecar is reached within its pod only, and its probes speak no TLS" -}}
  {{- end -}}
  {{- if $values.monitoring.serviceMonitor.enabled -}}
    {{- fail "monitoring.serviceMonitor is for the mode service: a sidecar has no Service; README.md says how its metrics are read" -}}
  {{- end -}}
  {{- if eq $values.probes.readiness "broker" -}}
    {{- fail "probes.readiness broker is for the mode service: a sidecar has no readiness of its own" -}}
  {{- end -}}
{{- else if $values.sidecar.state -}}
  {{- fail "sidecar.state is for the mode sidecar: of the mode service it is persistence.enabled" -}}
{{- end -}}
{{- if and $values.tls.clientCa.existingSecret (not $values.tls.server.existingSecret) -}}
  {{- fail "tls.clientCa needs tls.server: without TLS clients show no certificate" -}}
{{- end -}}
{{- if not .options.mqtt_hostname -}}
  {{- fail "options.mqtt_hostname is missing: the name or address of the MQTT broker" -}}
{{- end -}}
{{- if not .options.state_dir -}}
  {{- range list "uplink_retention" "uplink_max_bytes" "uplink_sync" -}}
    {{- if hasKey $values.options . -}}
      {{- fail (printf "options.%s is about a state, and there is none: see persistence and sidecar.state" .) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- include "wirepas-grpc.checkAddresses" . -}}
{{- end -}}

{{- define "wirepas-grpc.checkAddresses" -}}
{{- $service := ne .root.Values.mode "sidecar" -}}
{{- $listen := include "wirepas-grpc.addresses" .options.listen | fromJsonArray -}}
{{- $metrics := .options.metrics_listen | default "" -}}
{{- $metricsPort := regexFind "[0-9]+$" $metrics -}}
{{- range $listen -}}
  {{- if not (hasPrefix "unix:" .) -}}
    {{- $port := regexFind "[0-9]+$" . -}}
    {{- if and $port (eq (int $port) 0) -}}
      {{- fail (printf "options.listen: %s has port 0, which nobody finds: give it one" .) -}}
    {{- end -}}
    {{- if and $port (eq $port $metricsPort) -}}
      {{- fail (printf "options.listen and options.metrics_listen have the same port, %s" $port) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if and $metricsPort (eq (int $metricsPort) 0) -}}
  {{- fail "options.metrics_listen has port 0, which nobody finds: give it one" -}}
{{- end -}}
{{- if and $service (not (include "wirepas-grpc.reached" $listen)) -}}
  {{- fail "options.listen has no address that is reached from outside the pod: it needs one such as 0.0.0.0:50051" -}}
{{- end -}}
{{- if and $service (not (include "wirepas-grpc.reached" (list $metrics))) -}}
  {{- fail "options.metrics_listen is not reached from outside the pod, and kubelet asks there whether the service works: it needs an address such as 0.0.0.0:9100" -}}
{{- end -}}
{{- end -}}
