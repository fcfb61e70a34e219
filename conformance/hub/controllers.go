package hub

import (
	"context"
	"net"
	"os/exec"
	"strings"

	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
)

// Control runs some of Kubernetes' own controllers beside the hub until its owner's life is over, such as
// "deployment-controller". There are no nodes: Pods are made, and stay pending.
func (h *Hub) Control(ctx context.Context, t process.Owner, cache *parts.Cache, controllers ...string) {
	t.Helper()
	manager := program(ctx, t, cache, "kube-controller-manager")
	process.Start(t, "kube-controller-manager", h.Manager(manager, process.Addresses(t, 1)[0], t.TempDir(), controllers...))
}

// Manager is the command that runs some of Kubernetes' own controllers.
func (h *Hub) Manager(program, address, folder string, controllers ...string) *exec.Cmd {
	host, port, _ := net.SplitHostPort(address)
	return exec.Command(program, "--kubeconfig="+h.Kubeconfig,
		"--controllers="+strings.Join(controllers, ","), "--leader-elect=false",
		"--bind-address="+host, "--secure-port="+port, "--cert-dir="+folder)
}
