package kyverno

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

const namespace = "kyverno"

// Admit starts Kyverno's admission controller beside a hub that has Kyverno's definitions, and waits until its webhooks
// answer. A policy is in force some seconds after it was applied: ask until it is.
func Admit(ctx context.Context, t process.Owner, server *hub.Hub, program string) {
	t.Helper()
	run := func(name string, command func() *exec.Cmd) error { process.Start(t, name, command()); return nil }
	if err := Run(ctx, server, program, process.Addresses(t, 1)[0], nil, run); err != nil {
		t.Fatal(err)
	}
}

// Run is Admit where somebody else keeps the program running. The environment is added to the program's own.
func Run(ctx context.Context, server *hub.Hub, program, address string, environment []string, run func(name string, command func() *exec.Cmd) error) error {
	for _, object := range chart() {
		document, err := documents.Of("what Kyverno's chart makes", object)
		if err != nil {
			return err
		}
		if err := server.Apply(ctx, document); err != nil {
			return err
		}
	}
	err := run("kyverno-admission", func() *exec.Cmd {
		cmd := command(program, server.Kubeconfig, address)
		cmd.Env = append(cmd.Env, environment...)
		return cmd
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute) // it takes 20 s on a machine with nothing else to do
	defer cancel()
	for {
		err := answering(ctx, server, address)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("kyverno-admission is not ready: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// chart are the objects that the process wants to find.
func chart() []manifest.Object {
	config := manifest.New("v1", "ConfigMap", namespace, "kyverno")
	config["data"] = map[string]any{"webhooks": "{}"}
	return []manifest.Object{
		manifest.New("v1", "Namespace", "", namespace), config, manifest.New("v1", "ConfigMap", namespace, "kyverno-metrics"),
	}
}

func command(program, kubeconfig, address string) *exec.Cmd {
	const accounts = "system:serviceaccount:" + namespace + ":"
	_, port, _ := net.SplitHostPort(address)
	cmd := exec.Command(program, "--kubeconfig="+kubeconfig,
		"--serverIP="+address, "--webhookServerHost=127.0.0.1", "--webhookServerPort="+port,
		"--caSecretName=kyverno-svc.kyverno.svc.kyverno-tls-ca", "--tlsSecretName=kyverno-svc.kyverno.svc.kyverno-tls-pair",
		"--backgroundServiceAccountName="+accounts+"kyverno-background-controller",
		"--reportsServiceAccountName="+accounts+"kyverno-reports-controller",
		"--disableMetrics=true", "--otelConfig=none",
		"--controllerRuntimeMetricsAddress=0", // else it listens on port 8080 of all interfaces
		"--omitEvents=PolicyViolation,PolicyApplied,PolicyError,PolicySkipped")
	cmd.Env = append(os.Environ(), // what the chart's pod would hand to the process
		"KYVERNO_NAMESPACE="+namespace, "KYVERNO_SVC=kyverno-svc", "KYVERNO_POD_NAME=kyverno-0",
		"KYVERNO_DEPLOYMENT=kyverno-admission-controller", "KYVERNO_SERVICEACCOUNT_NAME=kyverno-admission-controller",
		"KYVERNO_ROLE_NAME=kyverno:admission-controller", "INIT_CONFIG=kyverno", "METRICS_CONFIG=kyverno-metrics")
	return cmd
}

// answering wants the webhooks to be registered and their server to have its certificate, which may come seconds later.
func answering(ctx context.Context, server *hub.Hub, address string) error {
	const wanted = 8
	found := 0
	for _, kind := range []string{"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"} {
		n, err := server.Count(ctx, "admissionregistration.k8s.io/v1", kind)
		if err != nil {
			return err
		}
		found += n
	}
	if found < wanted {
		return fmt.Errorf("%d of %d webhooks are registered", found, wanted)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+address+"/health/readiness", nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // whether it has one is the question
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}
