package rpc

import (
	"encoding/binary"
	"errors"
)

// Message is a protocol buffer, written and read by the numbers of its fields.
type Message []byte

// The wire types of the fields that are known here.
const (
	varint = 0
	length = 2
)

// Text is the message with a field that holds a string, bytes or a message.
func (m Message) Text(field int, text string) Message {
	m = binary.AppendUvarint(m, uint64(field)<<3|length)
	m = binary.AppendUvarint(m, uint64(len(text)))
	return append(m, text...)
}

// Number is the message with a field that holds a number, or 1 for true.
func (m Message) Number(field int, number uint64) Message {
	m = binary.AppendUvarint(m, uint64(field)<<3|varint)
	return binary.AppendUvarint(m, number)
}

// Texts are the values of a field that holds strings, bytes or messages.
func (m Message) Texts(field int) ([]string, error) {
	var texts []string
	err := m.each(func(number int, _ uint64, text string) {
		if number == field {
			texts = append(texts, text)
		}
	})
	return texts, err
}

// IsTrue says whether a field that holds a truth value is there and true.
func (m Message) IsTrue(field int) (bool, error) {
	var is bool
	err := m.each(func(number int, value uint64, _ string) { is = is || number == field && value == 1 })
	return is, err
}

var errCut = errors.New("the message is cut off, or holds a field of an unknown type")

// each visits the fields in order.
func (m Message) each(visit func(field int, number uint64, text string)) error {
	for len(m) > 0 {
		head, n := binary.Uvarint(m)
		if n <= 0 {
			return errCut
		}
		value, more := binary.Uvarint(m[n:])
		if more <= 0 {
			return errCut
		}
		m = m[n+more:]
		switch head & 7 {
		case varint:
			visit(int(head>>3), value, "")
		case length:
			if value > uint64(len(m)) {
				return errCut
			}
			visit(int(head>>3), 0, string(m[:value]))
			m = m[value:]
		default:
			return errCut
		}
	}
	return nil
}
