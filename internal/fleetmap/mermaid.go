package fleetmap

import (
	"fmt"
	"io"
	"strings"
)

// Mermaid writes the fleet as a diagram that code forges draw in Markdown: hubs, their environments, and which networks are
// peers.
func Mermaid(w io.Writer, m *Map) error {
	var text strings.Builder
	node := map[string]string{}
	for i, e := range m.Environments {
		node[e.Name] = fmt.Sprintf("e%d", i)
	}
	text.WriteString("graph LR\n")
	for i, hub := range m.Hubs {
		fmt.Fprintf(&text, "  h%d([\"%s\"])\n", i, hub.Name)
		for j, g := range m.groups(hub) {
			fmt.Fprintf(&text, "  subgraph h%dg%d [\"%s\"]\n", i, j, g.Label)
			for _, c := range g.Cells {
				fmt.Fprintf(&text, "    %s[\"%s\"]:::%s\n", node[c.Name], c.Name, c.Tone)
			}
			fmt.Fprintf(&text, "  end\n  h%d --> h%dg%d\n", i, i, j)
		}
	}
	for _, pair := range m.pairs() {
		fmt.Fprintf(&text, "  %s -.- %s\n", node[pair[0]], node[pair[1]])
	}
	text.WriteString("  classDef protected stroke-width:3px\n  classDef ends stroke-dasharray:4 3\n")
	_, err := io.WriteString(w, text.String())
	return err
}

func orBootstrap(label string) string {
	if label == "" {
		return "made by its bootstrap"
	}
	return label
}
