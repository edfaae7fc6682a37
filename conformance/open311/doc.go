// Command open311 checks any Open311 GeoReport v2 server against the
// specification, by its address:
//
//	go run ./conformance/open311 --url https://city.example/open311/v2 \
//	  --key API_KEY --service SERVICE_CODE --lat 22.54 --long 114.05
//
// Without --key nothing is filed and the checks that need it are skipped. Each
// check names the rule it stands for; it passes, fails with what was found, or is
// skipped with why. Checks of de-facto extensions are marked and count apart.
// It uses nothing but the standard library and nothing of Yiwang.
//
// Specification: https://wiki.open311.org/GeoReport_v2/ and
// https://wiki.open311.org/Service_Discovery/
package main
