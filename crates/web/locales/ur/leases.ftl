# لیز پر دیے گئے پورٹس۔

leases-title = لیز پر دیے گئے پورٹس
leases-about = وہ پورٹس جنہیں `portolan lease` کسی کے لیے روکے رکھتا ہے: کسی اور کو نہیں ملتے، اور کوئی کنکشن انہیں نہیں لیتا۔
leases-none = کوئی پورٹ لیز پر نہیں۔
leases-count = { $count ->
    [one] ایک پورٹ لیز پر ہے۔
   *[other] { $count } پورٹ لیز پر ہیں۔
}
column-port = پورٹ
column-name = نام
column-project = پروجیکٹ
column-since = کب سے
column-serves = وہاں کون سنتا ہے
leases-hidden = بعض لیز والوں کو آپ نہیں دیکھ سکتے۔
leases-unnamed = بغیر نام
