"""The run's book of paid calls: intents, answers, money."""
