package discovery

import "testing"

func TestParseReadsTargetsPortalsAndGroups(t *testing.T) {
	found, err := parse("Target:iqn.2019-10.io.longhorn:v1 Portal:10.0.0.1:3260,1\nTarget:iqn.a:b Portal:[fd00::1]:860,7\n")
	if err != nil || len(found) != 2 {
		t.Fatalf("found %v, %v", found, err)
	}
	if found[0].Target != "iqn.2019-10.io.longhorn:v1" || found[0].Portal.String() != "10.0.0.1:3260" || found[0].Group != 1 {
		t.Errorf("first is %+v", found[0])
	}
	if found[1].Portal.String() != "[fd00::1]:860" || found[1].Group != 7 {
		t.Errorf("second is %+v", found[1])
	}
}

func TestParseRefusesWhatNamesNoTarget(t *testing.T) {
	for _, output := range []string{"No targets\n", "Target: Portal:10.0.0.1\n", "Target:iqn.a Portal:10.0.0.1:0\n"} {
		if found, err := parse(output); err == nil {
			t.Errorf("%q is read as %v", output, found)
		}
	}
}
