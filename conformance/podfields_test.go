package conformance

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"pgregory.net/rapid"
)

// podField is a field that the Pod Security Standards speak of, by its path, and values that may stand there, as JSON: good
// and bad ones, empty ones and what is the default anyway.
type podField struct {
	path   []string
	values []string
}

// field is one whose path is written with spaces between the names.
func field(path string, values ...string) podField { return podField{strings.Fields(path), values} }

// draw puts one of the values into the map, or takes out what is there.
func (f podField) draw(t *rapid.T, into map[string]any) {
	last := len(f.path) - 1
	for _, name := range f.path[:last] {
		inner, is := into[name].(map[string]any)
		if !is {
			inner = map[string]any{}
			into[name] = inner
		}
		into = inner
	}
	i := rapid.IntRange(-1, len(f.values)-1).Draw(t, f.path[last])
	if i < 0 {
		delete(into, f.path[last])
		return
	}
	into[f.path[last]] = parsed(f.values[i])
}

// podFields are those of a Pod as a whole.
func podFields() []podField {
	profiles := quoted("", "runtime/default", "localhost/strict", "localhost/", "localhost/a\nb", "localhost", "unconfined", "runtime/default ", "RuntimeDefault")
	return slices.Concat([]podField{
		field("metadata annotations container.apparmor.security.beta.kubernetes.io/app", profiles...),
		field("metadata annotations container.apparmor.security.beta.kubernetes.io/", profiles...),
		field("metadata annotations apparmor.security.beta.kubernetes.io/app", profiles...),
		field("spec hostNetwork", `true`, `false`, `null`),
		field("spec hostPID", `true`, `false`, `null`),
		field("spec hostIPC", `true`, `false`, `null`),
		field("spec hostUsers", `false`, `false`, `false`, `true`, `null`),
		field("spec os", `{"name": "windows"}`, `{"name": "linux"}`, `{"name": "Windows"}`, `{"name": ""}`, `{}`, `null`),
		field("spec volumes", `[]`, `null`, `[{"name": "none"}]`, `[{"name": "a", "emptyDir": {}}, {"name": "b", "hostPath": {"path": "/"}}]`,
			`[{"name": "two", "emptyDir": {}, "hostPath": {"path": "/"}}]`, `[{"name": "two", "secret": {}, "nfs": {}}]`),
		field("spec volumes", volumes()...),
		field("spec securityContext sysctls", sysctls()...),
		field("spec containers", `[]`),
		field("spec initContainers", `[]`, `null`),
		field("spec ephemeralContainers", `[]`, `null`),
	}, below("spec", securityFields()))
}

// containerFields are those of one container.
func containerFields() []podField {
	probes := []string{`{}`, `null`, `{"exec": {"command": ["true"]}}`, `{"grpc": {"port": 80}}`, `{"httpGet": null, "tcpSocket": null}`}
	for _, host := range []string{"", `, "host": ""`, `, "host": null`, `, "host": "127.0.0.1"`, `, "host": "localhost"`, `, "host": "10.0.0.1"`} {
		probes = append(probes, `{"httpGet": {"port": 80`+host+`}}`, `{"tcpSocket": {"port": "http"`+host+`}}`)
	}
	return slices.Concat([]podField{
		field("ports", `[]`, `null`, `[{"containerPort": 80}]`, `[{"containerPort": 80, "hostPort": 0}]`, `[{"containerPort": 80, "hostPort": 80}]`,
			`[{"containerPort": 80}, {"containerPort": 81, "hostPort": 81}]`, `[{"containerPort": 80, "hostPort": -1}]`),
		field("securityContext privileged", `true`, `false`, `null`),
		field("securityContext allowPrivilegeEscalation", `true`, `false`, `null`),
		field("securityContext procMount", quoted("Default", "Unmasked", "Unmasked", "", "default")...),
		field("securityContext capabilities", `{}`, `null`, `{"drop": ["ALL"]}`, `{"add": ["NET_BIND_SERVICE"]}`),
		field("securityContext capabilities add", added()...),
		field("securityContext capabilities drop", `[]`, `null`, `["ALL"]`, `["ALL", "NET_RAW"]`, `["NET_RAW", "ALL"]`, `["CHOWN", "KILL", "ALL", "MKNOD"]`, `["NET_RAW"]`, `["all"]`, `["ALL", "ALL"]`, `["CAP_ALL"]`),
		field("livenessProbe", probes...),
		field("readinessProbe", probes...),
		field("startupProbe", probes...),
		field("lifecycle", `{}`, `null`),
		field("lifecycle postStart", probes...),
		field("lifecycle preStop", append(probes, `{"sleep": {"seconds": 1}}`)...),
	}, securityFields())
}

// securityFields are what a Pod and its containers have alike.
func securityFields() []podField {
	types := quoted("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t", "container_runtime_t", "spc_t", "container_t ")
	return []podField{
		field("securityContext", `{}`, `null`),
		field("securityContext runAsNonRoot", `true`, `false`, `null`),
		field("securityContext runAsUser", `0`, `0`, `1`, `1000`, `-1`, `null`),
		field("securityContext seLinuxOptions", `{}`, `null`, `{"level": "s0:c1,c2"}`),
		field("securityContext seLinuxOptions type", types...),
		field("securityContext seLinuxOptions user", quoted("", "system_u")...),
		field("securityContext seLinuxOptions role", quoted("", "system_r")...),
		field("securityContext appArmorProfile", `{}`, `null`, `{"type": "Localhost", "localhostProfile": "strict"}`),
		field("securityContext appArmorProfile type", quoted("RuntimeDefault", "Localhost", "Unconfined", "", "runtime/default")...),
		field("securityContext seccompProfile", `{}`, `null`, `{"type": "Localhost", "localhostProfile": "strict.json"}`),
		field("securityContext seccompProfile type", quoted("RuntimeDefault", "Localhost", "Unconfined", "Unconfined", "", "runtime/default")...),
		field("securityContext windowsOptions", `{}`, `null`, `{"runAsUserName": "ContainerUser"}`),
		field("securityContext windowsOptions hostProcess", `true`, `false`, `null`),
	}
}

// below are fields of what lies at a path.
func below(path string, fields []podField) []podField {
	var all []podField
	for _, f := range fields {
		all = append(all, podField{append(strings.Fields(path), f.path...), f.values})
	}
	return all
}

func quoted(texts ...string) []string {
	var all []string
	for _, text := range texts {
		all = append(all, strconv.Quote(text))
	}
	return all
}

// volumes are lists of one volume, for each kind of volume that the API knows.
func volumes() []string {
	var all []string
	kinds := reflect.TypeFor[corev1.VolumeSource]()
	for i := range kinds.NumField() {
		kind, _, _ := strings.Cut(kinds.Field(i).Tag.Get("json"), ",")
		all = append(all, `[{"name": "one", "`+kind+`": {}}]`)
	}
	return all
}

// sysctls are lists of sysctls, by name: those that are safe, and others.
func sysctls() []string {
	all := []string{`[]`, `null`, `[{}]`}
	for _, name := range []string{
		"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
		"net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
		"net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_mem", "net.ipv4.ip_forward", "net.core.somaxconn", "kernel.msgmax",
		"net/ipv4/tcp_rmem", "fs.mqueue.msg_max",
	} {
		all = append(all, `[{"name": "`+name+`", "value": "1"}]`, `[{"name": "net.ipv4.tcp_rmem", "value": "1"}, {"name": "`+name+`"}]`)
	}
	return all
}

// added are lists of capabilities, by name: those that a container has anyway, and others.
func added() []string {
	all := []string{`[]`, `null`, `["NET_BIND_SERVICE", "NET_BIND_SERVICE"]`, `["chown"]`, `["CAP_CHOWN"]`, `[""]`}
	for _, name := range strings.Fields(`AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT
		ALL AUDIT_CONTROL AUDIT_READ BLOCK_SUSPEND BPF CHECKPOINT_RESTORE DAC_READ_SEARCH IPC_LOCK IPC_OWNER LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE
		NET_ADMIN NET_BROADCAST NET_RAW PERFMON SYSLOG SYS_ADMIN SYS_BOOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME
		SYS_TTY_CONFIG WAKE_ALARM`) {
		all = append(all, `["`+name+`"]`, `["NET_BIND_SERVICE", "`+name+`"]`)
	}
	return all
}
