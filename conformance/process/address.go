package process

import "net"

// Addresses gives so many different loopback addresses, each as HOST:PORT, that nothing listens on.
func Addresses(t Owner, count int) []string {
	t.Helper()
	var addresses []string
	for range count {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close() // all are held until all are known, so that they differ
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses
}
