//! `time.now`.

use serde_json::json;

use crate::support::House;

#[tokio::test]
async fn the_time_is_the_rooms_clock_in_utc() {
    let output = House::new().call("time.now", json!({})).await.unwrap();
    assert_eq!(output.content, "utc: 2026-03-29T00:59:59Z (Sunday)\n");
    assert_eq!(output.summary, "2026-03-29T00:59:59Z");
}

#[tokio::test]
async fn a_zone_adds_the_local_time() {
    let house = House::new();
    // A second before the clocks of Berlin go forward.
    let table = [
        ("Europe/Berlin", "2026-03-29T01:59:59+01:00 in Europe/Berlin (Sunday)"),
        ("America/New_York", "2026-03-28T20:59:59-04:00 in America/New_York (Saturday)"),
        ("Asia/Kathmandu", "2026-03-29T06:44:59+05:45 in Asia/Kathmandu (Sunday)"),
        ("UTC", "2026-03-29T00:59:59+00:00 in UTC (Sunday)"),
    ];
    for (zone, local) in table {
        let output = house.call("time.now", json!({ "zone": zone })).await.unwrap();
        assert_eq!(output.content, format!("utc: 2026-03-29T00:59:59Z (Sunday)\nlocal: {local}\n"));
    }
}
