package page

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func TestThePageShowsWhatTheReportSays(t *testing.T) {
	r, files := sample()
	text := render(t, r, files)
	must(t, text, "does not pass muster against contract 1.12", "Only specs whose labels match", "Profile core", "Data is cut off.",
		"<code>PersistentVolume pvc-1</code>", "crashed", "2 times: Error, exit code 1", "no nfs", "v3.7.3", "cluster embedded", `href="report.yaml"`)
	order := []string{"<h1", `aria-label="Totals"`, `id="failed"`, `id="clauses"`, `id="specs"`, `id="timeline"`, `id="latency"`, `id="quirks"`, `id="environment"`}
	at := 0
	for _, part := range order {
		next := strings.Index(text[at:], part)
		if next < 0 {
			t.Fatalf("%s is missing or before the part that should precede it", part)
		}
		at += next
	}
}

func TestThePageIsWellFormed(t *testing.T) {
	r, files := sample()
	text := regexp.MustCompile(`(?s)<(script|style)>.*?</(script|style)>`).ReplaceAllString(render(t, r, files), "")
	decoder := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "<!doctype html>")))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	seen := map[string]bool{}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, attribute := range element.Attr {
			if attribute.Name.Local == "id" && seen[attribute.Value] {
				t.Errorf("the id %s is there twice", attribute.Value)
			}
			seen[attribute.Value] = seen[attribute.Value] || attribute.Name.Local == "id"
		}
	}
	for _, link := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if !seen[link[1]] {
			t.Errorf("a link leads to #%s, which is not there", link[1])
		}
	}
}

func TestThePageNeedsNothingBesideIt(t *testing.T) {
	r, files := sample()
	text := render(t, r, files)
	for _, bad := range []string{`(src|href|action)="(https?:)?//`, `@import`, `url\((?:"|')?[^#)]`, `<link rel="?stylesheet`, `<(img|iframe|object|embed)`, `fetch\(|XMLHttpRequest`} {
		if found := regexp.MustCompile(bad).FindString(text); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
	must(t, text, `default-src 'none'`)
}

func TestHostileTextsStayTexts(t *testing.T) {
	r, files := sample()
	const attack = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	r.Specs[1].Name, r.Specs[1].Message, r.Specs[1].Location = "a "+attack, attack, attack
	r.Specs[1].Further, r.Specs[1].Steps[0].Text, r.Specs[0].Message = []string{attack}, attack, attack
	r.Clauses.Violated[0].Sentence, r.Quirks[0].Observation, r.Leaks[0].Name = attack, attack, attack
	r.Operations[0].Name, r.Versions[attack], r.Trouble = attack, attack, []string{attack}
	r.Environment.Nodes[0].OS = attack
	files["failed/restore-fails/events.txt"] = &fstest.MapFile{Data: []byte("23:59:59 Warning Pod/" + strings.ReplaceAll(attack, " ", "") + " " + attack + "\n")}
	text := render(t, r, files)
	if n := strings.Count(text, "<script"); n != 1 {
		t.Errorf("the page has %d scripts, want its own alone", n)
	}
	if strings.Contains(text, "<img") {
		t.Error("the page has an image that a text brought in")
	}
	if n := strings.Count(text, "&lt;script&gt;alert(1)"); n < 12 {
		t.Errorf("only %d of the texts are shown", n)
	}
}

func TestTheSameReportGivesTheSamePage(t *testing.T) {
	r, files := sample()
	first, err := Render(r, files)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if again, err := Render(r, files); err != nil || !bytes.Equal(first, again) {
			t.Fatalf("the page is another one each time: %v", err)
		}
	}
}

func TestThePageStaysSmallHoweverMuchFails(t *testing.T) {
	r, _ := sample()
	files, spec := fstest.MapFS{}, r.Specs[1]
	spec.Message = strings.Repeat("a very long message ", 2000)
	for i := range 130 {
		spec.Name, spec.Evidence = fmt.Sprintf("spec %d", i), fmt.Sprintf("failed/spec-%d", i)
		r.Specs = append(r.Specs, spec)
		for name, file := range evidence(fmt.Sprintf("spec-%d", i)) {
			file.Data = bytes.Repeat(file.Data, 50)
			files[name] = file
		}
	}
	if size := len(render(t, r, files)); size > 3<<20 {
		t.Errorf("the page has %d bytes, want less than three mebibytes", size)
	}
}

func TestWriteReplacesThePage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	r, _ := sample()
	for range 2 {
		if err := Write(path, r); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	must(t, string(text), "which is not beside this page")
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.tmp")); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	if err := Write(filepath.Join(path, "below-a-file"), r); err == nil {
		t.Error("a page was written below a file")
	}
}

func TestThePageSaysWhatWasReplacedOrChanged(t *testing.T) {
	r, files := sample()
	if text := render(t, r, files); strings.Contains(text, "iSCSI initiator") || strings.Contains(text, "otherwise than released") {
		t.Error("the page tells of changes, and there are none")
	}
	r.Environment.ISCSI, r.Environment.Changes = "one in user space", []string{"ConfigMap c: one replica, because there is one node"}
	must(t, render(t, r, files), "iSCSI initiator</dt><dd>one in user space", "ConfigMap c: one replica")
}
