// Package world is what lies outside a hub, on loopback and under the names that a fleet calls it by: Git repositories,
// Helm repositories and container registries behind one proxy. It is not for clouds, and nothing leaves the machine.
package world

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"spokewright.dev/spokewright/conformance/authority"
)

// World answers for hosts as a proxy does. A host that nobody serves is told so.
type World struct {
	Address     string // HOST:PORT of the proxy
	Certificate string // the file with the authority of its hosts

	folder    string
	authority *authority.Authority
	server    *http.Server

	lock         sync.Mutex
	hosts        map[string]http.Handler
	certificates map[string]*tls.Certificate
	unknown      map[string]int // hosts that were asked for in vain
}

// Open has the world answer until it is closed.
func Open(folder string) (*World, error) {
	signs, err := authority.New()
	if err != nil {
		return nil, err
	}
	w := &World{
		Certificate: filepath.Join(folder, "ca.crt"), folder: folder, authority: signs,
		hosts: map[string]http.Handler{}, certificates: map[string]*tls.Certificate{}, unknown: map[string]int{},
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(w.Certificate, signs.PEM, 0o600); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w.Address = listener.Addr().String()
	w.server = &http.Server{Handler: http.HandlerFunc(w.connect), ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = w.server.Serve(listener) }() // until it is closed
	return w, nil
}

// Close ends the proxy.
func (w *World) Close() { _ = w.server.Close() }

// Environment leads a program that is written in Go, or Git, through the proxy, and nowhere else.
func (w *World) Environment() []string {
	proxy := "http://" + w.Address
	return []string{
		"HTTPS_PROXY=" + proxy, "HTTP_PROXY=" + proxy, "https_proxy=" + proxy, "http_proxy=" + proxy,
		"NO_PROXY=127.0.0.1,localhost", "no_proxy=127.0.0.1,localhost",
		"SSL_CERT_FILE=" + w.Certificate, "GIT_SSL_CAINFO=" + w.Certificate, "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1",
	}
}

// Serve has a handler answer for a host.
func (w *World) Serve(host string, handler http.Handler) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.hosts[host] = handler
}

// Unknown counts the hosts that were asked for in vain.
func (w *World) Unknown() map[string]int {
	w.lock.Lock()
	defer w.lock.Unlock()
	copied := map[string]int{}
	for host, times := range w.unknown {
		copied[host] = times
	}
	return copied
}

func (w *World) handler(host string) http.Handler {
	w.lock.Lock()
	defer w.lock.Unlock()
	if handler, known := w.hosts[host]; known {
		return handler
	}
	w.unknown[host]++
	return http.HandlerFunc(func(writer http.ResponseWriter, _ *http.Request) {
		http.Error(writer, "there is no such host on this machine", http.StatusNotFound)
	})
}

// connect answers a proxy's CONNECT: it speaks TLS under the name that was asked for.
func (w *World) connect(writer http.ResponseWriter, request *http.Request) {
	host, _, err := net.SplitHostPort(request.Host)
	if request.Method != http.MethodConnect || err != nil {
		http.Error(writer, "only https", http.StatusBadGateway)
		return
	}
	connection, _, err := writer.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	if _, err := fmt.Fprint(connection, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		connection.Close()
		return
	}
	secure := tls.Server(connection, &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return w.certificate(host) }})
	ctx, cancel := context.WithCancel(context.Background())
	only := &single{connection: secure, ctx: ctx, end: cancel}
	server := http.Server{Handler: w.handler(host), ErrorLog: log.New(io.Discard, "", 0)}
	_ = server.Serve(only) // until the client is done
}

func (w *World) certificate(host string) (*tls.Certificate, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if known := w.certificates[host]; known != nil {
		return known, nil
	}
	made, err := w.authority.For(host)
	if err != nil {
		return nil, err
	}
	w.certificates[host] = &made
	return &made, nil
}

// single is a listener of one connection.
type single struct {
	connection net.Conn
	ctx        context.Context
	end        func()
	once       sync.Once
}

func (s *single) Accept() (net.Conn, error) {
	var first net.Conn
	s.once.Do(func() { first = &ending{Conn: s.connection, end: s.end} })
	if first != nil {
		return first, nil
	}
	<-s.ctx.Done()
	return nil, errors.New("there is no other")
}

func (s *single) Close() error   { return nil }
func (s *single) Addr() net.Addr { return s.connection.LocalAddr() }

// ending tells when a connection is closed.
type ending struct {
	net.Conn
	end func()
}

func (e *ending) Close() error {
	e.end()
	return e.Conn.Close()
}
