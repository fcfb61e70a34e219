package rpc

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMessageIsReadAsItWasWritten(t *testing.T) {
	message := Message{}.Text(1, "one").Number(2, 300).Text(16, strings.Repeat("x", 200)).Text(1, "two").Number(3, 1)
	texts, err := message.Texts(1)
	require.NoError(t, err)
	require.Equal(t, []string{"one", "two"}, texts)
	texts, err = message.Texts(16)
	require.NoError(t, err)
	require.Len(t, texts[0], 200)
	is, err := message.IsTrue(3)
	require.NoError(t, err)
	require.True(t, is)
	is, err = message.IsTrue(2)
	require.NoError(t, err)
	require.False(t, is)
	for cut := range len(message) - 1 {
		if _, err := message[:cut+1].Texts(1); err != nil {
			require.ErrorIs(t, err, errCut)
		}
	}
	// The bytes of the protocol's own documentation: field 1 is 150, field 2 is "testing".
	require.Equal(t, Message{0x08, 0x96, 0x01, 0x12, 0x07, 't', 'e', 's', 't', 'i', 'n', 'g'}, Message{}.Number(1, 150).Text(2, "testing"))
}

func TestCall(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/test.Echo/Fail" {
			w.Header().Set("Grpc-Status", "2")
			w.Header().Set("Grpc-Message", "it failed%0Ahere")
			return
		}
		w.Header().Set("Trailer", "Grpc-Status")
		_, _ = w.Write(body)
		w.Header().Set("Grpc-Status", "0")
	})
	server := http.Server{Handler: handler, Protocols: new(http.Protocols)}
	server.Protocols.SetUnencryptedHTTP2(true)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }()
	defer server.Close()

	client := Dial("tcp", listener.Addr().String())
	defer client.Close()
	answer, err := client.Call(t.Context(), "test.Echo/Echo", Message{}.Text(1, "hello"))
	require.NoError(t, err)
	require.Equal(t, Message{}.Text(1, "hello"), answer)
	_, err = client.Call(t.Context(), "test.Echo/Fail", Message{})
	require.EqualError(t, err, "gRPC code 2: it failed\nhere")
	_, err = client.Call(t.Context(), "test.Echo/Echo", Message{}, Message{})
	require.ErrorContains(t, err, "wanted one uncompressed message")
}
