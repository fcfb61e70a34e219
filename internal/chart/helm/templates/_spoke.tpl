{{/* Whether the chart makes an object: (list ROOT ID). The environment may say otherwise. */}}
{{- define "spoke.makes" -}}
{{- if not (has (index . 1) (index . 0).Values.without) }}true{{ end -}}
{{- end -}}

{{/* The labels of all objects of the environment. */}}
{{- define "spoke.labels" -}}
{{- $labels := dict "app.kubernetes.io/managed-by" "spokewright" "spokewright.dev/class" (include "spoke.class" .) -}}
{{- $_ := set $labels "spokewright.dev/environment" (required "environment is missing: the name of this spoke" .Values.environment) -}}
{{- $_ := set $labels "spokewright.dev/owner" (required "owner is missing: who answers for this spoke" .Values.owner) -}}
{{- range $name, $value := .Values.labels }}{{ $_ := set $labels $name $value }}{{ end -}}
{{- toYaml $labels -}}
{{- end -}}

{{/* What Argo CD is told of an object: (list ROOT WAVE FOREIGN), where the kind of a foreign one is an addon's. */}}
{{- define "spoke.sync" -}}
{{- $options := list -}}
{{- if and (include "spoke.protected" .) (not (index . 0).Values.retiring) }}{{ $options = list "Prune=confirm" "Delete=confirm" }}{{ end -}}
{{- if index . 2 }}{{ $options = append $options "SkipDryRunOnMissingResource=true" }}{{ end -}}
argocd.argoproj.io/sync-wave: {{ index . 1 | quote }}
{{- with $options }}
argocd.argoproj.io/sync-options: {{ join "," . }}
{{- end }}
{{- end -}}

{{/* The namespaces of addons, with commas between them. */}}
{{- define "spoke.addons" -}}
{{- $names := list -}}
{{- range .Values.addons }}{{ if .enabled -}}
{{- $names = append $names .namespace -}}
{{- range .objects }}{{ with .metadata.namespace }}{{ $names = append $names . }}{{ end }}{{ end -}}
{{- end }}{{ end -}}
{{- $names | uniq | sortAlpha | join "," -}}
{{- end -}}

{{/* The namespaces that rules for apps do not judge, as a list in CEL. */}}
{{- define "spoke.platform" -}}
{{- $names := concat (list "kube-system" "kube-public" "kube-node-lease") (compact (splitList "," (include "spoke.addons" .))) | uniq | sortAlpha -}}
["{{ join "\", \"" $names }}"]
{{- end -}}

{{/* The annotations that tell of the waivers of a rule: (list ROOT RULE). */}}
{{- define "spoke.waived" -}}
{{- $rule := index . 1 -}}
{{- range $name, $waiver := (index . 0).Values.waivers }}{{ if eq $waiver.rule $rule }}
spokewright.dev/waiver-{{ $name }}: {{ printf "until %s: %s" $waiver.until $waiver.reason | toJson }}
{{- end }}{{ end }}
{{- end -}}

{{/* What the waivers of a rule leave out, as conditions of its policy: (list ROOT RULE). */}}
{{- define "spoke.waivers" -}}
{{- $root := index . 0 }}{{ $rule := index . 1 -}}
{{- range $name, $waiver := $root.Values.waivers }}{{ if eq $waiver.rule $rule -}}
{{- $terms := list "true" -}}
{{- if include "spoke.clock" $root -}}
{{- $end := toDate "2006-01-02T15:04:05Z07:00" (printf "%sT00:00:00Z" $waiver.until) | dateModify "24h" -}}
{{- $terms = list (printf "time.now() < timestamp('%s')" (dateInZone "2006-01-02T15:04:05Z07:00" $end "UTC")) -}}
{{- end -}}
{{- with $waiver.namespace }}{{ $terms = append $terms (printf "request.?namespace.orValue('') == %s" (toJson .)) }}{{ end -}}
{{- with $waiver.name -}}
{{- $made := printf "^%s-[bcdfghjklmnpqrstvwxz0-9]+$" (regexQuoteMeta .) | toJson -}}
{{- $owned := printf "o.name == %s || o.kind in ['ReplicaSet', 'Job'] && o.name.matches(%s)" (toJson .) $made -}}
{{- $terms = append $terms (printf "(request.?name.orValue('') == %s || object[?'metadata'].?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false) && (%s)))" (toJson .) $owned) -}}
{{- end }}
- name: waiver-{{ $name }}
  expression: {{ printf "!(%s)" (join " && " $terms) | toJson }}
{{- end }}{{ end }}
{{- end -}}
