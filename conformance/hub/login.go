package hub

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
)

// login is what an administrator of the hub proves who they are with, and what the server proves itself with.
type login struct {
	token       string
	tokens      string // file: the token and whose it is, in the server's form
	signingKey  string // file: the private key that signs tokens of service accounts
	certificate string // file: the server's certificate; the server writes it when it starts
}

func newLogin(folder, token string) (login, error) {
	l := login{
		token:       token,
		tokens:      filepath.Join(folder, "tokens.csv"),
		signingKey:  filepath.Join(folder, "service-account.key"),
		certificate: filepath.Join(folder, "apiserver.crt"),
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return login{}, err
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	if err := os.WriteFile(l.signingKey, pem.EncodeToMemory(block), 0o600); err != nil {
		return login{}, err
	}
	return l, os.WriteFile(l.tokens, []byte(l.token+",admin,admin,system:masters\n"), 0o600)
}

func (l login) kubeconfig(server string) []byte {
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
clusters: [{name: hub, cluster: {server: "https://%s", certificate-authority: %q}}]
users: [{name: admin, user: {token: %q}}]
contexts: [{name: hub, context: {cluster: hub, user: admin}}]
current-context: hub
`, server, l.certificate, l.token)
}
