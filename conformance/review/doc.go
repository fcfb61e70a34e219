// Package review asks a real browser about the page of a review. It is a room of its own, since a browser is all that it needs.
package review
