"""What the law asks for: keeping by rule, erasing, giving out what is known of a person, handing over a matter."""
