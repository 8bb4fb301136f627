"""The stories ``make demo`` plays. They speak HTTP only, as any visitor would."""
