package process

import (
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func crewOf(t *testing.T) *Crew {
	t.Helper()
	crew, err := NewCrew(t, t.TempDir())
	require.NoError(t, err)
	return crew
}

func sleeper() *exec.Cmd { return exec.Command("sleep", "300") }

func TestCrewStartsAgainWhatIsKilled(t *testing.T) {
	crew := crewOf(t)
	require.NoError(t, crew.Keep("sleep", sleeper))
	require.NoError(t, crew.Kill("sleep"))
	require.Eventually(t, func() bool { return crew.Members()[0].Starts == 2 }, 30*time.Second, 20*time.Millisecond)
	require.ErrorContains(t, crew.Kill("slepe"), "no program is called slepe")
}

func TestCrewEndsTogether(t *testing.T) {
	for name, end := range map[string]func(*Crew){"asked to": (*Crew).End, "lost": (*Crew).Lose} {
		t.Run(name, func(t *testing.T) {
			crew := crewOf(t)
			require.NoError(t, crew.Keep("kept", sleeper))
			once, err := crew.Start("once", sleeper())
			require.NoError(t, err)
			end(crew)
			require.False(t, alive(once.cmd.Process.Pid))
			require.False(t, alive(crew.members[0].running.cmd.Process.Pid))
			require.Error(t, crew.Keep("late", sleeper))
		})
	}
}
