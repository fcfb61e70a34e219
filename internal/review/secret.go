package review

import (
	"encoding/base64"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The words at the end of a key whose value is a secret, without what divides them.
var secretEndings = []string{"password", "passwords", "passwd", "passphrase", "pwd", "token", "tokens", "secret", "secrets", "secretkey", "privatekey",
	"apikey", "accesskey", "accesskeyid", "clientsecret", "credential", "credentials", "signingkey", "encryptionkey", "masterkey", "sshkey",
	"authkey", "accountkey", "sharedkey", "storagekey", "sharedaccesskey", "licensekey", "connectionstring", "dockerconfigjson", "dockercfg",
	"htpasswd", "bearer", "authorization", "cookie", "webhookurl",
	"creds", "license", "licence", "netrc", "kubeconfig", "keytab", "mnemonic", "passcode", "tlskey", "cakey", "hostkey", "sessionkey", "deploykey", "jwtkey", "hmackey"}

// Words that end as a short word for a password does, and mean something else.
var noPasswords = []string{"bypass", "compass", "trespass", "underpass"}

// The words that make a key secret wherever they stand in it.
var secretParts = []string{"password", "passwd", "passphrase", "privatekey", "secretkey", "clientsecret", "apikey", "accesstoken", "authtoken", "refreshtoken"}

// Words that may follow what the secret is called: passwordHash, TOKEN_1, secretValue.
var qualifiers = []string{"hash", "base64", "b64", "value", "data", "text", "string", "default", "old", "new", "current", "previous", "plain", "raw"}

// The last words of keys that say where a secret lies, or what holds of it, and not what it is.
var referenceEndings = []string{"name", "names", "ref", "refs", "reference", "kind", "version", "path", "file", "namespace", "enabled", "optional", "mode", "type",
	"store", "policy", "policies", "interval", "items", "length", "class", "labels", "annotations", "description", "expiry", "ttl", "seconds",
	"reloader", "operator", "rotation", "server", "issuer", "audience", "provider", "engine", "format", "source"}

// Keys whose values are the names of Secrets.
var nameKeys = []string{"existingsecret", "imagepullsecret", "imagepullsecrets", "pullsecret", "pullsecrets"}

// Words in a key beside which a long random text is a secret.
var suspicious = []string{"key", "auth", "cert", "credential", "creds", "salt", "cookie", "session", "webhook", "dsn", "pass", "secret", "token", "signature",
	"access", "private", "bearer", "license", "seed", "pin", "otp", "hmac", "jwt", "sas", "sig", "config"}

// Words of keys whose values anybody may compute: checksum/config.
var computed = []string{"checksum", "digest", "fingerprint", "thumbprint", "revision", "commit"}

// Words at the end of a key that may hold a name with its password: basicAuth, auth.
var logins = []string{"auth", "auths", "login", "userinfo", "userpass"}

// words are those of a key: dbPassword, DB_PASSWORD, db-password and db.password are db and password.
func words(key string) []string {
	var list []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			list, word = append(list, strings.ToLower(string(word))), nil
		}
	}
	runes := []rune(key)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1])):
			end()
		}
		word = append(word, r)
	}
	end()
	return list
}

// isSecretKey says whether what stands at a key is a secret.
func isSecretKey(key string) bool {
	list := words(key)
	if len(list) == 0 || slices.Contains(nameKeys, strings.Join(list, "")) {
		return false
	}
	for {
		last := list[len(list)-1]
		joined := strings.TrimRight(strings.Join(list, ""), "0123456789")
		switch {
		case strings.HasSuffix(last, "pass") && !slices.Contains(noPasswords, last), slices.ContainsFunc(secretEndings, func(ending string) bool { return strings.HasSuffix(joined, ending) }):
			return true
		case len(list) > 1 && (slices.Contains(qualifiers, last) || strings.Trim(last, "0123456789") == ""):
			list = list[:len(list)-1]
		default:
			return !slices.Contains(referenceEndings, last) && slices.ContainsFunc(secretParts, func(part string) bool { return strings.Contains(joined, part) })
		}
	}
}

// isReference says whether a key below a secret one leads to something else: secret: {name: ...}.
func isReference(key string) bool {
	list := words(key)
	return len(list) > 0 && slices.Contains(referenceEndings, list[len(list)-1])
}

// isSuspicious says whether a random text at this key is a secret.
func isSuspicious(key string) bool {
	list := words(key)
	return !slices.ContainsFunc(list, func(word string) bool { return slices.Contains(computed, word) }) &&
		slices.ContainsFunc(list, func(word string) bool {
			return slices.ContainsFunc(suspicious, func(part string) bool { return strings.HasSuffix(word, part) })
		})
}

// betrays says whether a text at this key is a secret by what it looks like.
func betrays(key, text string) bool {
	if text == "" {
		return false
	}
	list := words(key)
	return isSuspicious(key) && isRandom(text) || len(list) > 0 && slices.Contains(logins, list[len(list)-1]) && isLogin(text)
}

// login is a name with its password: "user:hunter2", and not "host:8080" or "https://...".
var login = regexp.MustCompile(`^[^\s:/@]+:([^\s/][^\s]*)$`)

// isLogin says whether a text is a name with its password, as it stands or in base64.
func isLogin(text string) bool {
	if plain, err := base64.StdEncoding.DecodeString(text); err == nil && utf8.Valid(plain) && isLogin(string(plain)) {
		return true
	}
	found := login.FindStringSubmatch(text)
	return found != nil && !isNumeric(found[1])
}

// isNumeric says whether a text is made of numbers: a port, an address, user:group.
func isNumeric(text string) bool { return strings.Trim(text, "0123456789.:,/") == "" }

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// isRandom says whether a text looks as if a machine had drawn it: long, without spaces, and no letter more likely than
// another. What is known to be public is not: digests, the ids of things, and what is made of words.
func isRandom(text string) bool {
	if len(text) < 20 || strings.HasPrefix(text, "sha256:") || strings.HasPrefix(text, "sha512:") || uuid.MatchString(text) {
		return false
	}
	counts, digits, upper, lower := map[rune]float64{}, false, false, false
	for _, r := range text {
		switch {
		case 'a' <= r && r <= 'z':
			lower = true
		case 'A' <= r && r <= 'Z':
			upper = true
		case '0' <= r && r <= '9':
			digits = true
		case !strings.ContainsRune("+/=_-~.", r):
			return false
		}
		counts[r]++
	}
	if !digits && (!upper || !lower) {
		return false
	}
	var entropy float64
	for _, n := range counts {
		share := n / float64(len(text))
		entropy -= share * math.Log2(share)
	}
	return entropy > 3.3
}

// form is how a secret may look, wherever it stands. The first group is the secret, where there is one.
type form struct {
	hints   []string // one of them is in every text that the pattern finds: they are looked for first, since that is fast
	pattern *regexp.Regexp
}

func (f form) find(text string) [][]int {
	if slices.ContainsFunc(f.hints, func(hint string) bool { return strings.Contains(text, hint) }) {
		return f.pattern.FindAllStringSubmatchIndex(text, -1)
	}
	return nil
}

var tokenForms = []form{
	{[]string{"-----BEGIN"}, regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)`)},
	{[]string{"eyJ"}, regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?`)},
	{[]string{"AKIA", "ASIA", "ABIA", "ACCA"}, regexp.MustCompile(`\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b`)},
	{[]string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_"}, regexp.MustCompile(`\bgh[pousr]_[A-Za-z0-9]{20,}`)},
	{[]string{"github_pat_"}, regexp.MustCompile(`\bgithub_pat_[A-Za-z0-9_]{20,}`)},
	{[]string{"gl"}, regexp.MustCompile(`\bgl(?:pat|rt|dt|cbt|ptt|ft|soat|agent|oas|imt)-[A-Za-z0-9_.-]{16,}`)},
	{[]string{"glsa_", "glc_"}, regexp.MustCompile(`\bgl(?:sa|c)_[A-Za-z0-9_=+/-]{20,}`)},
	{[]string{"xox", "xapp-"}, regexp.MustCompile(`\bx(?:ox[abeoprs]|app)-[A-Za-z0-9-]{8,}`)},
	{[]string{"AIza"}, regexp.MustCompile(`\bAIza[0-9A-Za-z_-]{30,}`)},
	{[]string{"ya29.", "GOCSPX-"}, regexp.MustCompile(`\b(?:ya29\.|GOCSPX-)[0-9A-Za-z_-]{20,}`)},
	{[]string{"k_live_", "k_test_"}, regexp.MustCompile(`\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,}`)},
	{[]string{"sk-"}, regexp.MustCompile(`\bsk-(?:[a-z]+-)*[A-Za-z0-9_]*[0-9A-Z][A-Za-z0-9_-]{19,}`)},
	{[]string{"npm_"}, regexp.MustCompile(`\bnpm_[A-Za-z0-9]{30,}`)},
	{[]string{"pypi-", "dckr_pat_", "shpat_", "hf_", "NRAK-", "dapi"}, regexp.MustCompile(`\b(?:pypi-|dckr_pat_|shpat_|hf_|NRAK-|dapi)[A-Za-z0-9_-]{24,}`)},
	{[]string{"ATATT3x"}, regexp.MustCompile(`\bATATT3x[A-Za-z0-9_=-]{20,}`)},
	{[]string{"SG."}, regexp.MustCompile(`\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`)},
	{[]string{"hvs.", "hvb.", "hvr."}, regexp.MustCompile(`\bhv[sbr]\.[A-Za-z0-9_-]{20,}`)},
	{[]string{".atlasv1."}, regexp.MustCompile(`\b[A-Za-z0-9]{10,}\.atlasv1\.[A-Za-z0-9_-]{20,}`)},
	{[]string{":AA"}, regexp.MustCompile(`\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}`)},
	{[]string{"AGE-SECRET-KEY-1"}, regexp.MustCompile(`\bAGE-SECRET-KEY-1[A-Z0-9]{20,}`)},
	{[]string{"dop_v1_"}, regexp.MustCompile(`\bdop_v1_[a-f0-9]{40,}`)},
	{[]string{"$2", "$apr1$", "$1$", "$5$", "$6$"}, regexp.MustCompile(`\$(?:2[abxy]\$\d\d|apr1|1|5|6)\$[./A-Za-z0-9$=]{20,}`)},
	{[]string{"hooks.slack.com/services/"}, regexp.MustCompile(`hooks\.slack\.com/services/([A-Za-z0-9/_-]+)`)},
	{[]string{"/api/webhooks/", "webhook.office.com/"}, regexp.MustCompile(`(?:discord(?:app)?\.com/api/webhooks/|webhook\.office\.com/)([^\s"'<>]+)`)},
	{[]string{"://"}, regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/:@"'<>]*:([^\s/"'<>]+)@`)},
	{[]string{"sig", "Sig", "X-", "x-"}, regexp.MustCompile(`(?i)(?:^|[?&;])(?:sig|signature|x-(?:amz|goog|ms)-(?:signature|credential|security-token))=([^\s&;"'<>]+)`)},
	{[]string{"uthorization", "UTHORIZATION"}, regexp.MustCompile(`(?i)(?:^|[^a-z0-9-]|proxy-|x-)authorization["']?[ \t]*[:=][ \t]*["']?(?:(?:bearer|basic|token|digest|negotiate|apikey)[ \t]+)?([^\s"',;]+)`)},
}

// doubtful are forms that ordinary words have, too: the secret in them is none where ordinary says so.
var doubtful = []struct {
	form
	ordinary func(text string) bool
}{
	{form{[]string{"earer", "EARER", "asic", "ASIC"}, regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+([A-Za-z0-9+/=_.~-]{12,})`)}, isSmallLetters},
	{form{[]string{"://"}, regexp.MustCompile(`://([^\s/:@"'<>]+)@`)}, func(text string) bool { return !isRandom(text) }},
	{form{[]string{"-u", "-user"}, regexp.MustCompile(`(?:^|\s)(?:-u|--user|--proxy-user)[ =]+["']?[^\s:"']+:([^\s"']+)`)}, isNumeric},
}

// isSmallLetters says whether a text is one of small letters alone: "basic authentication".
func isSmallLetters(text string) bool { return strings.Trim(text, "abcdefghijklmnopqrstuvwxyz.") == "" }

// assignments are keys in running text with what stands between them and their values: --password=x, "token": "x",
// TOKEN=x, --password x.
var assignments = []form{
	{[]string{"=", ":"}, regexp.MustCompile(`([A-Za-z][A-Za-z0-9_.-]*)(?:["']?[ \t]*=|[ \t]*:[ \t]|["'][ \t]*:)[ \t]*`)},
	{[]string{"-"}, regexp.MustCompile(`(?:^|\s)--?([A-Za-z][A-Za-z0-9_.-]*)[ \t]+`)},
}

// assigned is a value in running text.
var assigned = regexp.MustCompile(`^(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s,;&"'})\]-][^\s,;&"'})\]]*)`)
