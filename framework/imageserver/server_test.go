package imageserver

import "testing"

func TestURLsAreThoseOfTheService(t *testing.T) {
	server := &Server{Options: Options{Namespace: "spec-1", Name: "images"}}
	for want, got := range map[string]string{
		"http://images.spec-1:8080/good/zero.img":                                             server.URL("good", "zero.img"),
		"http://images.spec-1:8080/truncated/zero.img?times=2":                                server.URL("truncated", "zero.img", "times=2"),
		"http://images.spec-1:8080/redirect-to/zero.img?to=http%3A%2F%2F10.0.0.1%2Fx%3Fa%3D1": server.URL("redirect-to", "zero.img", "to=http://10.0.0.1/x?a=1"),
	} {
		if got != want {
			t.Errorf("URL = %s, want %s", got, want)
		}
	}
}
