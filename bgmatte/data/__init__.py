"""What the study learns from and is tested on: drawn subjects and backgrounds, photographs, frozen compositions."""
