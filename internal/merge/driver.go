package merge

import "strings"

// What Git is told, so that it asks for this merge: the name of the driver, the line of .gitattributes in the fleet's own
// folder, and the command, whose placeholders Git fills with three files and the path that they are of.
const (
	Driver    = "spokewright-golden"
	Attribute = "golden/** merge=" + Driver
	Command   = "spokewright merge-golden %O %A %B %P"
	Title     = "rendered files of Spokewright, merged by what they hold"
)

// Configuration are the settings of a clone, by their keys.
func Configuration() [][2]string {
	return [][2]string{{"merge." + Driver + ".name", Title}, {"merge." + Driver + ".driver", Command}}
}

// WithAttribute adds the line to the text of .gitattributes, if it is not there.
func WithAttribute(text string) string {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.Join(strings.Fields(line), " ") == Attribute {
			return text
		}
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text + Attribute + "\n"
}
