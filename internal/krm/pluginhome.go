package krm

import (
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
)

// PluginHomes are the folders that kustomize may look for plugins in, in its order (kustomize api, konfig/plugins.go). It
// looks in the first that exists, and in no other.
func PluginHomes(getenv func(string) string) []string {
	var homes []string
	if home := getenv(konfig.KustomizePluginHomeEnv); home != "" {
		homes = append(homes, home)
	}
	if config := getenv(konfig.XdgConfigHomeEnv); config != "" {
		homes = append(homes, filepath.Join(config, konfig.ProgramName, konfig.RelPluginHome))
	}
	for _, config := range []string{konfig.XdgConfigHomeEnvDefault, ""} {
		homes = append(homes, filepath.Join(getenv("HOME"), config, konfig.ProgramName, konfig.RelPluginHome))
	}
	return homes
}

// PluginHome is the folder to install into: the one that a variable names, since kustomize looks there once it exists,
// else the one that kustomize looks in.
func PluginHome(getenv func(string) string) string {
	homes := PluginHomes(getenv)
	if getenv(konfig.KustomizePluginHomeEnv) == "" && getenv(konfig.XdgConfigHomeEnv) == "" {
		return UsedPluginHome(homes)
	}
	return homes[0]
}

// UsedPluginHome is the folder that kustomize looks in; where none exists, the first that it would.
func UsedPluginHome(homes []string) string {
	for _, home := range homes {
		if info, err := os.Stat(home); err == nil && info.IsDir() {
			return home
		}
	}
	return homes[0]
}

// PluginLink is where kustomize looks for the program of a kind.
func PluginLink(home, kind string) string {
	return filepath.Join(home, filepath.FromSlash(APIVersion), strings.ToLower(kind), kind)
}
