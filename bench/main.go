package main

import (
	"os"
	"strconv"
)

func main() {
	n, _ := strconv.Atoi(os.Args[2])
	o, _ := strconv.Atoi(os.Args[3])
	p, _ := strconv.Atoi(os.Args[4])
	if err := (fleet{1, n, o, p}).write(os.Args[1]); err != nil {
		panic(err)
	}
}
