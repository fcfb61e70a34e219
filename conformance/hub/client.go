package hub

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// Client speaks plain HTTP and JSON with the API server: all a test needs, and much lighter than Kubernetes' own.
type Client struct {
	server string
	token  string
	http   *http.Client
	kinds  *kinds
}

// Refusal is the server's answer to a request that it does not carry out.
type Refusal struct {
	Code    int    // HTTP status
	Reason  string // one of Kubernetes' reasons, such as Invalid
	Message string
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("refused (%d %s): %s", r.Code, r.Reason, r.Message)
}

func newClient(server string, login login) (Client, error) {
	certificate, err := os.ReadFile(login.certificate)
	if err != nil {
		return Client{}, err
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(certificate) {
		return Client{}, fmt.Errorf("%s holds no certificate", login.certificate)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, ForceAttemptHTTP2: true}
	return Client{server: "https://" + server, token: login.token, http: &http.Client{Transport: transport}, kinds: new(kinds)}, nil
}

func (c Client) ready(ctx context.Context) error {
	answer, err := c.ask(ctx, http.MethodGet, "/readyz", nil, "", nil)
	if err == nil && string(answer.body) != "ok" {
		return errors.New(string(answer.body))
	}
	return err
}

// answer is what the server says to a request that it carries out.
type answer struct {
	body     []byte
	warnings []string
}

// ask sends one request. The error is a *Refusal where the server answered.
func (c Client) ask(ctx context.Context, method, path string, query url.Values, contentType string, body []byte) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.server+path+"?"+query.Encode(), bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Accept", "application/json")
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	if response.StatusCode >= 300 {
		return answer{}, refusal(response.StatusCode, text)
	}
	return answer{text, warnings(response.Header)}, nil
}

// warnings are the texts of the headers that read: Warning: 299 - "TEXT".
func warnings(header http.Header) []string {
	var texts []string
	for _, value := range header.Values("Warning") {
		text, err := strconv.Unquote(strings.TrimPrefix(value, "299 - "))
		if err != nil {
			text = value
		}
		texts = append(texts, text)
	}
	return texts
}

func refusal(code int, text []byte) *Refusal {
	r := &Refusal{}
	if err := json.Unmarshal(text, r); err != nil || r.Message == "" {
		r.Message = string(text)
	}
	r.Code = code
	return r
}
