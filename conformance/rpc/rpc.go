// Package rpc asks a gRPC server with nothing but net/http: messages out, one message back. It is not for answers that
// come as a stream.
package rpc

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// Client asks one server, without encryption.
type Client struct{ http http.Client }

// Dial is a client of a server on a network, "unix" or "tcp", at an address. It connects when it asks.
func Dial(network, address string) *Client {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	return &Client{http.Client{Transport: transport}}
}

// Close ends what is left of connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Error is what a server says when it fails.
type Error struct{ Code, Message string }

func (e *Error) Error() string { return "gRPC code " + e.Code + ": " + e.Message }

// Call asks a method, PACKAGE.SERVICE/METHOD, with one message or, where it takes a stream, with several.
func (c *Client) Call(ctx context.Context, method string, messages ...Message) (Message, error) {
	var body bytes.Buffer
	for _, message := range messages {
		body.Write(framed(message))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/"+method, &body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/grpc")
	request.Header.Set("TE", "trailers")
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if err := failure(response); err != nil {
		return nil, err
	}
	return unframed(answer)
}

// failure reads the status, which comes after the answer or, where there is none, before it.
func failure(response *http.Response) error {
	for _, header := range []http.Header{response.Trailer, response.Header} {
		switch code := header.Get("Grpc-Status"); code {
		case "":
		case "0":
			return nil
		default:
			text, err := url.PathUnescape(header.Get("Grpc-Message"))
			return errors.Join(&Error{code, text}, err)
		}
	}
	return fmt.Errorf("no gRPC status: %s", response.Status)
}

// A message on the wire has a byte, 0 for uncompressed, and its length before it.
const frameHead = 5

func framed(message Message) []byte {
	frame := make([]byte, frameHead, frameHead+len(message))
	binary.BigEndian.PutUint32(frame[1:], uint32(len(message)))
	return append(frame, message...)
}

func unframed(answer []byte) (Message, error) {
	if len(answer) < frameHead || answer[0] != 0 || int(binary.BigEndian.Uint32(answer[1:])) != len(answer)-frameHead {
		return nil, fmt.Errorf("found %d bytes, wanted one uncompressed message", len(answer))
	}
	return answer[frameHead:], nil
}
