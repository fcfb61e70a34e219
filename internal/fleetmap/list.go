package fleetmap

import (
	"maps"
	"slices"
	"time"

	"spokewright.dev/spokewright/schema"
)

// Row is an environment as a list tells it.
type Row struct {
	Name       string   `json:"name"`
	Role       string   `json:"role"`
	Class      string   `json:"class"`
	Cloud      string   `json:"cloud"`   // this and the next three are empty for a hub that its bootstrap made
	Account    string   `json:"account"` // the fleet's name for it; empty where the fleet names none
	Region     string   `json:"region"`
	Kubernetes string   `json:"kubernetes"`
	Apps       []string `json:"apps"`
	Expires    string   `json:"expires"` // its last day; empty where it stays
	State      string   `json:"state"`   // "alive", "expired" or "retiring: " with how
}

// Expired is the state of an environment whose last day is over and that nobody takes down yet.
const Expired = "expired"

// List tells of all environments, by name.
func List(fleet *schema.Fleet, now time.Time) []Row {
	rows := []Row{}
	for _, name := range fleet.Names() {
		e := fleet.Environments[name]
		row := Row{Name: name, Role: e.Role, Class: e.Class.Name, Apps: slices.AppendSeq([]string{}, maps.Keys(e.Apps)), State: "alive"}
		slices.Sort(row.Apps)
		if c := e.Cluster; c != nil {
			row.Cloud, row.Region, row.Kubernetes = c.Cloud, c.Region, c.Version
			if _, named := fleet.Config.Accounts[c.Account]; named {
				row.Account = c.Account
			}
		}
		if e.Lifetime != nil {
			row.Expires = e.Lifetime.Expires
		}
		switch {
		case e.Retiring != "":
			row.State = "retiring: " + e.Retiring
		case e.Expired(now):
			row.State = Expired
		}
		rows = append(rows, row)
	}
	return rows
}
