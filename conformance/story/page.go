package story

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Page is a page of the documentation whose commands are run.
type Page struct {
	file     string
	sections map[string][]string // the commands under each heading
	used     map[string]bool
}

var (
	headingLine = regexp.MustCompile(`(?m)^## (.+)$`)
	shellBlock  = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")
)

// ReadPage reads a page: its second headings, and the blocks of shell commands under each.
func ReadPage(file string) (*Page, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p := &Page{file: file, sections: map[string][]string{}, used: map[string]bool{}}
	headings := headingLine.FindAllStringSubmatchIndex(string(text), -1)
	for i, at := range headings {
		end := len(text)
		if i+1 < len(headings) {
			end = headings[i+1][0]
		}
		name := string(text[at[2]:at[3]])
		for _, block := range shellBlock.FindAllStringSubmatch(string(text[at[1]:end]), -1) {
			p.sections[name] = append(p.sections[name], block[1])
		}
	}
	return p, nil
}

// Commands are the blocks under a heading.
func (p *Page) Commands(heading string) ([]string, error) {
	blocks := p.sections[heading]
	if len(blocks) == 0 {
		return nil, fmt.Errorf("%s has no commands under %q", p.file, heading)
	}
	p.used[heading] = true
	return blocks, nil
}

// Unread lists the headings with commands that nobody asked for, but for those that match.
func (p *Page) Unread(except ...string) []string {
	var left []string
	for heading := range p.sections {
		if !p.used[heading] && !strings.Contains(strings.Join(except, "\n"), heading) {
			left = append(left, heading)
		}
	}
	return left
}
