"""Desktop push: news in the system's own notifications, for who has no tab of the product in sight."""
