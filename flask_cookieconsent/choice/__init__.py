"""One press of a button: from a posted form to a new consent."""
