module github.com/muster-csi/muster/components/pause

go 1.26.0
