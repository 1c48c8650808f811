package inpod

import (
	"strings"
	"testing"

	"github.com/muster-csi/muster/framework/shards"
)

func TestAPodKnowsItsShard(t *testing.T) {
	for _, c := range []struct {
		environment map[string]string
		want        string
	}{
		{map[string]string{shards.IndexVariable: "0"}, "1"},
		{map[string]string{shards.IndexVariable: "11"}, "12"},
		{map[string]string{shards.IndexVariable: "0", shards.ShardVariable: shards.Alone}, shards.Alone},
	} {
		if got, err := shardName(func(name string) string { return c.environment[name] }); err != nil || got != c.want {
			t.Errorf("%v: shard %q (%v), want %q", c.environment, got, err, c.want)
		}
	}
	if _, err := shardName(func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), "muster run --in-cluster") {
		t.Errorf("outside of a Job: %v", err)
	}
}
