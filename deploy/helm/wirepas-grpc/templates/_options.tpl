{{/* SPDX-License-Identifier: Apache-2.0 */}}

{{/* All options of the service, as YAML: those of the values, and those that follow from them. */}}
{{- define "wirepas-grpc.options" -}}
{{- $secrets := "/etc/wirepas-grpc/secrets" -}}
{{- $given := dict -}}
{{- if eq .Values.mode "sidecar" -}}
  {{- $_ := set $given "listen" (list "127.0.0.1:50051" "unix:/run/wirepas-grpcd/grpc.sock") -}}
  {{- /* Whoever mounts the folder is in the pod, and all in the pod reach the port anyway. The service
         takes no mode where there is no socket. */ -}}
  {{- if contains "unix:" (include "wirepas-grpc.addresses" (.Values.options.listen | default $given.listen)) -}}
    {{- $_ := set $given "unix_socket_mode" "0666" -}}
  {{- end -}}
  {{- if .Values.sidecar.state -}}
    {{- $_ := set $given "state_dir" "/var/lib/wirepas-grpcd/state" -}}
    {{- $_ := set $given "mqtt_persist_session" false -}}
  {{- end -}}
{{- else -}}
  {{- $_ := set $given "listen" "0.0.0.0:50051" -}}
  {{- $_ := set $given "metrics_listen" "0.0.0.0:9100" -}}
  {{- if .Values.persistence.enabled -}}
    {{- /* A folder of its own: beside it the file system may have one that is root's. */ -}}
    {{- $_ := set $given "state_dir" "/var/lib/wirepas-grpcd/state" -}}
  {{- end -}}
{{- end -}}
{{- if .Values.broker.password.existingSecret -}}
  {{- $_ := set $given "mqtt_password_file" (printf "%s/broker-password/password" $secrets) -}}
{{- end -}}
{{- if .Values.broker.ca.existingSecret -}}
  {{- $_ := set $given "mqtt_ca_certs" (printf "%s/broker-ca/ca.crt" $secrets) -}}
{{- end -}}
{{- if .Values.broker.clientCertificate.existingSecret -}}
  {{- $_ := set $given "mqtt_client_crt" (printf "%s/broker-client/tls.crt" $secrets) -}}
  {{- $_ := set $given "mqtt_client_key" (printf "%s/broker-client/tls.key" $secrets) -}}
{{- end -}}
{{- if .Values.tls.server.existingSecret -}}
  {{- $_ := set $given "tls_cert" (printf "%s/server/tls.crt" $secrets) -}}
  {{- $_ := set $given "tls_key" (printf "%s/server/tls.key" $secrets) -}}
{{- end -}}
{{- if .Values.tls.clientCa.existingSecret -}}
  {{- $_ := set $given "tls_client_ca" (printf "%s/client-ca/ca.crt" $secrets) -}}
{{- end -}}
{{- $options := mergeOverwrite $given (deepCopy .Values.options) -}}
{{- include "wirepas-grpc.checks" (dict "root" . "options" $options) -}}
{{- toYaml $options -}}
{{- end -}}

{{/* A value of TOML. Helm reads numbers as floats; JSON's text is TOML's, too. */}}
{{- define "wirepas-grpc.toml" -}}
{{- if kindIs "float64" . -}}
{{- int64 . -}}
{{- else if or (kindIs "bool" .) (kindIs "int" .) (kindIs "int64" .) -}}
{{- . -}}
{{- else -}}
{{- toRawJson . -}}
{{- end -}}
{{- end -}}

{{/* The configuration file. */}}
{{- define "wirepas-grpc.conf" -}}
{{- range $name, $value := include "wirepas-grpc.options" . | fromYaml -}}
{{ $name }} = {{ include "wirepas-grpc.toml" $value }}
{{ end -}}
{{- end -}}

{{/* What the option listen says, a text or a list, as a JSON list. */}}
{{- define "wirepas-grpc.addresses" -}}
{{- $addresses := list -}}
{{- range (kindIs "string" . | ternary . (join "," .)) | splitList "," -}}
  {{- $addresses = append $addresses (trim .) -}}
{{- end -}}
{{- toRawJson $addresses -}}
{{- end -}}

{{/* The first of the addresses that other pods reach, if there is one. */}}
{{- define "wirepas-grpc.reached" -}}
{{- $reached := "" -}}
{{- range . -}}
  {{- if not (or $reached (regexMatch "^(unix:|127\\.|localhost:|\\[::1\\]:)" .)) -}}
    {{- $reached = . -}}
  {{- end -}}
{{- end -}}
{{- $reached -}}
{{- end -}}

{{/* The addresses to listen at, as a JSON list. */}}
{{- define "wirepas-grpc.listen" -}}
{{- include "wirepas-grpc.addresses" (include "wirepas-grpc.options" . | fromYaml).listen -}}
{{- end -}}

{{/* The port at which other pods reach the service. */}}
{{- define "wirepas-grpc.port" -}}
{{- include "wirepas-grpc.listen" . | fromJsonArray | include "wirepas-grpc.reached" | regexFind "[0-9]+$" -}}
{{- end -}}

{{/* Whether there is a folder for Unix sockets; of a sidecar always, so that apps may count on it. */}}
{{- define "wirepas-grpc.hasSocket" -}}
{{- if or (eq .Values.mode "sidecar") (contains "\"unix:" (include "wirepas-grpc.listen" .)) -}}
true
{{- end -}}
{{- end -}}

{{- define "wirepas-grpc.metricsPort" -}}
{{- regexFind "[0-9]+$" ((include "wirepas-grpc.options" . | fromYaml).metrics_listen | default "") -}}
{{- end -}}

{{- define "wirepas-grpc.brokerPort" -}}
{{- $options := include "wirepas-grpc.options" . | fromYaml -}}
{{- if .Values.networkPolicy.brokerPort -}}
{{- int .Values.networkPolicy.brokerPort -}}
{{- else -}}
{{- $options.mqtt_port | default (ternary 1883 8883 ($options.mqtt_force_unsecure | default false)) | int -}}
{{- end -}}
{{- end -}}

{{/* Seconds from SIGTERM to SIGKILL: shutdown_grace, the 4 s in which the service ends after it, and
     as much again for a disk that is slow to close the state. */}}
{{- define "wirepas-grpc.terminationSeconds" -}}
{{- $grace := (include "wirepas-grpc.options" . | fromYaml).shutdown_grace | default "5s" -}}
{{- $seconds := 0.0 -}}
{{- range regexFindAll "[0-9.]+(h|ms|m|s)" $grace -1 -}}
  {{- $number := regexFind "[0-9.]+" . | float64 -}}
  {{- $unit := get (dict "h" 3600.0 "m" 60.0 "s" 1.0 "ms" 0.001) (regexFind "[a-z]+" .) -}}
  {{- $seconds = addf $seconds (mulf $number $unit) -}}
{{- end -}}
{{- add (ceil $seconds) 8 -}}
{{- end -}}
