package process

import (
	"os/exec"
	"syscall"
)

// endWithParent has the kernel kill the program should the test be torn down without clean-up.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
