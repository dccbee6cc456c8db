"""What `cartoonx-widgets check` looks at: the installation, the published figures, and the speed on this device."""
