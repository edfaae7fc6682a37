// Package open311 is the door for other people's software that reports on behalf
// of citizens: Open311 GeoReport v2 in XML and JSON, with the extensions that
// its clients have come to expect. A service is a family that citizens may use,
// or one of its matters; a request is a case. Whoever has no key reads what the
// city says in public of its cases: the matter, the district, where it stands.
// A key reads and writes the cases of its own channel.
//
// https://wiki.open311.org/GeoReport_v2/
package open311
