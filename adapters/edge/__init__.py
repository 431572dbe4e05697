"""The edge: Kamailio, which faces phones and trunks and hands calls to the SIP workers behind it."""
