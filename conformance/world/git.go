package world

import (
	"context"
	"fmt"
	"io"
	"net/http/cgi"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Repository is a Git repository that the world serves, and a checkout of its branch main to make commits in.
type Repository struct {
	URL  string
	Work string // the checkout
	bare string
}

// Repository makes a repository of files, given by their paths.
func (w *World) Repository(ctx context.Context, address string, files map[string][]byte) (*Repository, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	root := filepath.Join(w.folder, "git", parsed.Host)
	r := &Repository{URL: address, bare: filepath.Join(root, filepath.FromSlash(parsed.Path)), Work: filepath.Join(w.folder, "work", filepath.FromSlash(strings.TrimSuffix(parsed.Path, ".git")))}
	for _, folder := range []string{r.bare, r.Work} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
	}
	for path, text := range files {
		file := filepath.Join(r.Work, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return nil, err
		}
	}
	for _, line := range [][]string{
		{r.bare, "init", "-q", "--bare", "--initial-branch=main", "."},
		{r.bare, "config", "http.receivepack", "true"},
		{r.Work, "init", "-q", "--initial-branch=main"},
		{r.Work, "remote", "add", "origin", r.bare},
		{r.Work, "config", "branch.main.remote", "origin"},
		{r.Work, "config", "branch.main.merge", "refs/heads/main"},
		{r.Work, "config", "user.name", "platform"},
		{r.Work, "config", "user.email", "platform@example.com"},
	} {
		if _, err := git(ctx, line[0], line[1:]...); err != nil {
			return nil, err
		}
	}
	program, err := exec.LookPath("git")
	if err != nil {
		return nil, err
	}
	w.Serve(parsed.Host, &cgi.Handler{Path: program, Args: []string{"http-backend"}, Env: []string{
		"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=fleet", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
	}, Stderr: io.Discard})
	_, err = r.Commit(ctx, "Start", func(string) error { return nil })
	return r, err
}

// Commit makes a change in the checkout, commits all of it and pushes it: it gives the commit's id.
func (r *Repository) Commit(ctx context.Context, message string, change func(work string) error) (string, error) {
	if err := change(r.Work); err != nil {
		return "", err
	}
	for _, line := range [][]string{{"add", "-A"}, {"commit", "-q", "--allow-empty", "-m", message}, {"push", "-q", r.bare, "HEAD:main"}} {
		if _, err := git(ctx, r.Work, line...); err != nil {
			return "", err
		}
	}
	return git(ctx, r.Work, "rev-parse", "HEAD")
}

// Pull brings the checkout to what others have pushed.
func (r *Repository) Pull(ctx context.Context) error {
	_, err := git(ctx, r.Work, "pull", "-q", "--ff-only", r.bare, "main")
	return err
}

// Subjects are the first lines of the newest commits that the repository has, the newest first.
func (r *Repository) Subjects(ctx context.Context, count int) ([]string, error) {
	text, err := git(ctx, r.bare, "log", fmt.Sprintf("-%d", count), "--format=%s", "main")
	return strings.Split(text, "\n"), err
}

// git runs Git with nobody's settings.
func git(ctx context.Context, folder string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "user.name=fleet", "-c", "user.email=fleet@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	output, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, output)
	}
	return strings.TrimSpace(string(output)), nil
}
